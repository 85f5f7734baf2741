<?php
header('Location: /get.php?from=location');
