"""Work outside a request, behind a port: in-process here, an engine on PostgreSQL where one machine isn't enough."""
