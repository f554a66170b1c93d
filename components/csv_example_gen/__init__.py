"""An ExampleGen that streams CSV files with Arrow."""
