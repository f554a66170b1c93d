"""Where data comes from: verified downloads, and samples from seeded generators."""
