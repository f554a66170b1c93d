"""A Pusher that pushes each version completely or not at all."""
