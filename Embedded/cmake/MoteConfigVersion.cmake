# Whether this Mote fits what find_package asks for. A request fits a package of its own major version, while that is
# 0 of its own minor version, which is no older. A range fits what it holds. `lib` fills in what stands between @.
set(PACKAGE_VERSION @VERSION@)

string(REGEX MATCH "^(0\\.)?[0-9]+" mote_series "${PACKAGE_VERSION}")
string(REGEX MATCH "^(0\\.)?[0-9]+" mote_asked "${PACKAGE_FIND_VERSION}")
if(PACKAGE_FIND_VERSION_RANGE)
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION_MIN AND
      (PACKAGE_VERSION VERSION_LESS PACKAGE_FIND_VERSION_MAX OR
       PACKAGE_FIND_VERSION_RANGE_MAX STREQUAL "INCLUDE" AND PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION_MAX))
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
elseif(mote_asked STREQUAL "0" OR mote_asked STREQUAL mote_series)
  if(PACKAGE_VERSION VERSION_GREATER_EQUAL PACKAGE_FIND_VERSION)
    set(PACKAGE_VERSION_COMPATIBLE TRUE)
  endif()
endif()
if(PACKAGE_VERSION VERSION_EQUAL PACKAGE_FIND_VERSION)
  set(PACKAGE_VERSION_EXACT TRUE)
endif()

# The library of another board, by the size of a pointer: another prefix may have the right one.
if(CMAKE_SIZEOF_VOID_P AND NOT CMAKE_SIZEOF_VOID_P EQUAL @POINTER_SIZE@)
  set(PACKAGE_VERSION "${PACKAGE_VERSION} (pointers of @POINTER_SIZE@ bytes)")
  set(PACKAGE_VERSION_UNSUITABLE TRUE)
endif()
unset(mote_series)
unset(mote_asked)
