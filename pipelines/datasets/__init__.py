"""Where the tutorials' data comes from: checked downloads and samples made by seeded generators."""
