# SPDX-License-Identifier: Apache-2.0
# Whether the host's libssh is one that this folder knows. Included when the
# build is configured; as a script (cmake -P) with LIBSSH_STATIC,
# LIBSSH_INCLUDE and CMAKE_NM it checks another.
cmake_policy(VERSION 3.25)
set(LIBSSH_TESTED_FROM 0.10.0)
set(LIBSSH_TESTED_BELOW 0.11.0)
set(LIBSSH_SYMBOLS ${CMAKE_CURRENT_LIST_DIR}/symbols)

# The version of the headers, of which libssh.a has to be.
function(libssh_check_version)
	set(version "")
	file(STRINGS ${LIBSSH_INCLUDE}/libssh/libssh_version.h lines
		REGEX "define LIBSSH_VERSION_(MAJOR|MINOR|MICRO) ")
	foreach(part MAJOR MINOR MICRO)
		string(REGEX MATCH "LIBSSH_VERSION_${part} +([0-9]+)" found
			"${lines}")
		list(APPEND version "${CMAKE_MATCH_1}")
	endforeach()
	list(JOIN version . version)
	if(version VERSION_GREATER_EQUAL LIBSSH_TESTED_FROM AND
	   version VERSION_LESS LIBSSH_TESTED_BELOW)
		return()
	endif()
	set(level FATAL_ERROR)
	if(SANDGATE_LIBSSH_UNTESTED)
		set(level WARNING)
	endif()
	message(${level} "libssh ${version}: gateway-session stands on the "
		"inside of libssh, and is tested with "
		"${LIBSSH_TESTED_FROM} to below ${LIBSSH_TESTED_BELOW}. To "
		"try this one, configure with -DSANDGATE_LIBSSH_UNTESTED=ON "
		"and follow \"Another version\" in docs/libssh.md.")
endfunction()

# libssh_find_member(MEMBERS SYMBOL TYPES): the members of libssh.a in which nm
# gives the symbol this type, by nm_lines.
function(libssh_find_member result symbol type)
	set(members "")
	set(found ${nm_lines})
	list(FILTER found INCLUDE REGEX " ${type} ${symbol}$")
	foreach(line ${found})
		string(REGEX REPLACE ".*[:[]([^]:/]+)\\.o(bj)?[]:].*" "\\1"
			member "${line}")
		list(APPEND members "${member}")
	endforeach()
	set(${result} "${members}" PARENT_SCOPE)
endfunction()

function(libssh_check_symbols)
	set(ENV{LC_ALL} C)
	execute_process(COMMAND ${CMAKE_NM} -g -A ${LIBSSH_STATIC}
		OUTPUT_FILE ${CMAKE_CURRENT_BINARY_DIR}/libssh-symbols
		ERROR_QUIET RESULT_VARIABLE status)
	if(NOT status EQUAL 0)
		message(FATAL_ERROR "${CMAKE_NM} cannot read "
			"${LIBSSH_STATIC}")
	endif()
	file(STRINGS ${LIBSSH_SYMBOLS} rows REGEX "^(wrap|use) ")
	list(TRANSFORM rows REPLACE "^[a-z]+ ([^ ]+).*" "\\1"
		OUTPUT_VARIABLE symbols)
	list(JOIN symbols | symbols)
	file(STRINGS ${CMAKE_CURRENT_BINARY_DIR}/libssh-symbols nm_lines
		REGEX " [TU] (${symbols})$")
	set(faults "")
	foreach(row ${rows})
		string(REPLACE " " ";" row "${row}")
		list(POP_FRONT row kind symbol)
		libssh_find_member(definers ${symbol} T)
		# What is the C library's is only called.
		if(NOT definers AND NOT symbol MATCHES "^(recv|send|poll)$")
			string(APPEND faults "\n  ${symbol}: is not in it")
			continue()
		endif()
		libssh_find_member(callers ${symbol} U)
		foreach(caller ${row})
			if(NOT caller IN_LIST callers)
				string(APPEND faults "\n  ${symbol}: "
					"${caller} does not call it, or "
					"defines it too")
			endif()
		endforeach()
	endforeach()
	if(faults)
		message(FATAL_ERROR "${LIBSSH_STATIC} is not inside as "
			"gateway/ssh/libssh/symbols has it:${faults}\n"
			"The comment above a row says which file stands on "
			"it; \"Another version\" in docs/libssh.md says what "
			"to do.")
	endif()
endfunction()

libssh_check_version()
libssh_check_symbols()
