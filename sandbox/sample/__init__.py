"""The sample application: its image, and its release."""
