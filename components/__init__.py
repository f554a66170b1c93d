"""TFX components that TFX lacks."""
