<?php

echo json_encode(['key' => 'val']);
