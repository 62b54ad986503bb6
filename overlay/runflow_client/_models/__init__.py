"""What answers become: data, without a client inside."""
