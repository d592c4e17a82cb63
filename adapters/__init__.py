"""What fulfils the ports of services/: WeChat, stores, queue, cache, clock, embedded engines."""
