#!/bin/sh
# The server answers. Its refusal of a wrong user is an answer, too.
exec mariadb-admin --no-defaults --socket=/run/mysqld/mysqld.sock ping --silent
