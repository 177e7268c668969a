"""The showcase portfolio: selected pieces, their files and the matrix of evidence as one PDF."""
