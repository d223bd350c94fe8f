"""The writer that needs no model: it cleans what was said, orders it, and points at what matters.

The modules follow the path of the words: `tokens`, `clean` with `repairs`, `sentences` and
`paragraphs` make the text; `tasks`, `mentions` and `mood` read it; `salience` weighs it; and
`phrases`, `headline` and `summary` say what it is about.
"""
