<?php
http_response_code(418);
header('X-One: 1');
header('X-Two: 2', false);
header('X-Two: 3', false);
echo 'short and stout';
