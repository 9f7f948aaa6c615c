# What find_package(Mote) gives, from build/BOARD or a copy of it anywhere:
#
#   Mote::mote      the archive and its headers; on Linux with mbedTLS and threads
#   Mote::sources   on bare metal: the C sources that meet mbedTLS, compiled by the firmware that links this, with the
#                   include path and the configuration of its own mbedTLS; Mote::mote comes with them
#
# A project that builds mbedTLS itself, with its targets mbedtls, mbedx509 and mbedcrypto, links those. Otherwise they
# are looked for by name, since not every distribution has a CMake package of them. The linker then takes the shared
# or the static ones, as -static says.
cmake_minimum_required(VERSION 3.13)
if(TARGET Mote::mote)
  return()
endif()
get_filename_component(mote_prefix "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(EXISTS "${mote_prefix}/include/mote_linux.h")
  include(CMakeFindDependencyMacro)
  find_dependency(Threads)
  if(NOT TARGET mbedtls)
    find_path(MOTE_MBEDTLS_INCLUDE mbedtls/ssl.h DOC "Folder of mbedTLS's headers, for Mote")
    find_library(MOTE_MBEDTLS_LIBRARY mbedtls DOC "mbedTLS's library, beside its other two, for Mote")
    mark_as_advanced(MOTE_MBEDTLS_INCLUDE MOTE_MBEDTLS_LIBRARY)
    if(NOT MOTE_MBEDTLS_INCLUDE OR NOT MOTE_MBEDTLS_LIBRARY)
      set(Mote_FOUND FALSE)
      set(Mote_NOT_FOUND_MESSAGE "mbedTLS is missing: its headers or its library (libmbedtls-dev).")
      return()
    endif()
  endif()
endif()

add_library(Mote::mote STATIC IMPORTED)
set_target_properties(Mote::mote PROPERTIES
  IMPORTED_LOCATION "${mote_prefix}/lib/libmote.a"
  INTERFACE_INCLUDE_DIRECTORIES "${mote_prefix}/include")

if(EXISTS "${mote_prefix}/include/mote_linux.h")
  target_link_libraries(Mote::mote INTERFACE mbedtls mbedx509 mbedcrypto Threads::Threads)
  if(NOT TARGET mbedtls)
    get_filename_component(mote_folder "${MOTE_MBEDTLS_LIBRARY}" DIRECTORY)
    target_link_directories(Mote::mote INTERFACE "${mote_folder}")
    target_include_directories(Mote::mote INTERFACE "${MOTE_MBEDTLS_INCLUDE}")
    unset(mote_folder)
  endif()
else()
  file(GLOB mote_sources "${mote_prefix}/src/*.c")
  add_library(Mote::sources INTERFACE IMPORTED)
  set_target_properties(Mote::sources PROPERTIES
    INTERFACE_SOURCES "${mote_sources}"
    INTERFACE_INCLUDE_DIRECTORIES "${mote_prefix}/src"
    INTERFACE_LINK_LIBRARIES Mote::mote)
  unset(mote_sources)
endif()
unset(mote_prefix)
