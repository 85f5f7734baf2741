<?php
echo "unfinished
