"""Safe reading of everything in a portfolio folder, and what each file really is.

A portfolio comes from other people: its file names and its files may be wrong, damaged or hostile. Nothing here follows
a link, leaves the folder, waits for a device, or unpacks more than stated limits.

Nothing is imported here: who writes a file need not load what looks into PDFs.
"""
