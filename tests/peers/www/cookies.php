<?php
setcookie('plain', 'value');
setcookie('full', 'ä ö', ['path' => '/x', 'httponly' => true,
    'samesite' => 'Lax']);
ksort($_COOKIE);
echo json_encode($_COOKIE);
