"""How the tables of a database got where they are: one file for each step, never changed again.

A file `versions/mNNNN_what.py` holds revision NNNN. It says everything itself and imports nothing
of diarist, because the rest of the program moves on and a step must stay what it was.
"""
