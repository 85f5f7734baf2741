<?php
header('Content-Type: text/plain');
// Places and times differ from run to run, and the version of nginx.
foreach (['REQUEST_TIME', 'REQUEST_TIME_FLOAT', 'REMOTE_PORT', 'REMOTE_ADDR',
    'SERVER_ADDR', 'SERVER_SOFTWARE', 'USER', 'HOME'] as $name) {
    unset($_SERVER[$name]);
}
ksort($_SERVER);
var_export($_SERVER);
