"""The columns of the HIGGS data and how they are sliced. Imports without TensorFlow."""

LABEL = "label"

_JETS = (1, 2, 3, 4)

B_TAGS = tuple(f"jet_{jet}_b_tag" for jet in _JETS)
"""How surely a jet is one of a b quark: 0 for untagged, else one of two values."""

FEATURES = (
    "lepton_pt",
    "lepton_eta",
    "lepton_phi",
    "missing_energy",
    "missing_energy_phi",
    *(f"jet_{jet}_{what}" for jet in _JETS for what in ("pt", "eta", "phi", "b_tag")),
    "m_jj",
    "m_jjj",
    "m_lv",
    "m_jlv",
    "m_bb",
    "m_wbb",
    "m_wwbb",
)
"""What was measured and the invariant masses computed from it, in the file's order, each in units
of its scale over the whole data set (Baldi, Sadowski, Whiteson 2014, arXiv:1402.4735)."""

M_BB = "m_bb"

M_BB_QUARTILE = "m_bb_quartile"
M_BB_QUARTILES = (0.678, 0.876, 1.142)
"""Quartiles of m_bb, rounded, in the first 8,787 rows of the real data."""

M_BB_NAMES = (
    f"1st (below {M_BB_QUARTILES[0]})",
    *(f"{nth} (from {M_BB_QUARTILES[i]})" for i, nth in enumerate(("2nd", "3rd", "4th"))),
)

B_TAGGED_JETS = "b_tagged_jets"
"""How many of the four jets have a b tag. Real rows have at most two."""
