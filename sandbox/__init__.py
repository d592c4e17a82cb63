"""A pretend WeChat over HTTP, and a phone in a web page. Imports none of the other rooms."""
