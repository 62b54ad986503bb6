"""Requests and answers, and what the document says about them."""
