<?php
header('Content-Type: application/octet-stream');
for ($i = 0; $i < 16384; $i++) {
    echo md5((string)$i), md5((string)-$i);
}
