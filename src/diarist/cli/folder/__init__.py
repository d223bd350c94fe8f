"""A folder whose new recordings become entries: find them, hand them in, write what was made."""
