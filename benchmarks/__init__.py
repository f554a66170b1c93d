"""What the project's own components gain over TFX's, measured."""
