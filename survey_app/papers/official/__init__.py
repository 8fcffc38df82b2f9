"""Official papers in the layout of GB/T 9704-2012: one file for each kind, all made of `OfficialPaper`."""
