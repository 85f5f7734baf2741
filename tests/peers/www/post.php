<?php
header('Content-Type: text/plain');
var_export($_POST);
foreach ($_FILES as $name => $file) {
    echo "\n$name: {$file['name']}, {$file['size']} bytes, ",
        md5_file($file['tmp_name']);
}
