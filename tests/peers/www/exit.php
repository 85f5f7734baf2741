<?php
register_shutdown_function(function () {
    echo ' and afterwards';
});
echo 'until here';
exit(3);
