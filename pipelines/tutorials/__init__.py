"""One declaration per tutorial. The registry lists the modules of this package."""
