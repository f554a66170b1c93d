"""The columns and slices of the HIGGS data. Imports without TensorFlow."""

LABEL = "label"

_JETS = (1, 2, 3, 4)

B_TAGS = tuple(f"jet_{jet}_b_tag" for jet in _JETS)
"""The confidence that a jet comes from a b quark: 0 if untagged, else one of two values."""

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
"""The measurements and the invariant masses computed from them, in the file's order. Each is in
units of its scale over the whole data set (Baldi, Sadowski, Whiteson 2014, arXiv:1402.4735)."""

M_BB = "m_bb"

M_BB_QUARTILE = "m_bb_quartile"
M_BB_QUARTILES = (0.678, 0.876, 1.142)
"""Quartiles of m_bb, rounded, in the first 8,787 rows of the real data."""

M_BB_NAMES = (
    f"1st (below {M_BB_QUARTILES[0]})",
    *(f"{nth} (from {M_BB_QUARTILES[i]})" for i, nth in enumerate(("2nd", "3rd", "4th"))),
)

B_TAGGED_JETS = "b_tagged_jets"
"""The number of jets with a b tag, of four. Real rows have at most two."""
