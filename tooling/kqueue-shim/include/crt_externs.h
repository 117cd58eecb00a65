// Where macOS keeps what a library may not name.
#pragma once

#include <unistd.h>

#define _NSGetEnviron() (&environ)
