"""Correct a document: apply the overlays, write references out, normalise the spelling of schemas.

Documents that say the same in different ways become the same document.
"""
