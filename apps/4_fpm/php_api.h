/*
 * php_api.h: PHP's headers, those of the version that is installed (8.2 to
 * 8.4). What differs between them in name only would be reconciled here.
 */
#ifndef LW_PHP_API_H
#define LW_PHP_API_H

#include "php.h"
#include "SAPI.h"
#include "php_ini.h"
#include "php_main.h"
#include "php_output.h"
#include "php_variables.h"
#include "zend.h"
#include "zend_compile.h"
#include "zend_exceptions.h"
#include "zend_execute.h"
#include "zend_extensions.h"
#include "zend_generators.h"
#include "zend_ini.h"
#include "zend_ini_scanner.h"
#include "zend_language_parser.h"
#include "zend_language_scanner.h"
#include "zend_modules.h"
#include "zend_observer.h"
#include "zend_signal.h"
#include "zend_stream.h"
#include "zend_virtual_cwd.h"
#include "zend_vm.h"
#include <ext/standard/head.h>
#include <ext/standard/info.h>

#endif
