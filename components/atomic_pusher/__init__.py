"""TFX's Pusher, atomic."""
