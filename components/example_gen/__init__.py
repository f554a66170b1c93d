"""The base of the ExampleGens: TFX's driver with an executor that streams."""
