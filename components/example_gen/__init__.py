"""The base of the project's ExampleGens: TFX's driver, a streaming executor."""
