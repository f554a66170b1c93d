"""Boosted trees on UCI HIGGS: does a collision show a Higgs boson's decay, or top quarks?"""
