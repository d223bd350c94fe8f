"""diarist turns recordings into a diary: audio in, transcript and written entry out."""

__version__ = "0.1.0"
