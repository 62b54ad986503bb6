"""Bulk runs on a real Ray cluster."""
