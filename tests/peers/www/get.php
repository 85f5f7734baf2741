<?php
header('Content-Type: text/plain');
var_export($_GET);
