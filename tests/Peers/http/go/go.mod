module rawecho/tests/httpclient

go 1.19
