# SPDX-License-Identifier: Apache-2.0
# cmake -D MAP=... -P linked.cmake: whether the calls that libssh/symbols wants
# wrapped really go to us, by the linker's map with its table of references
# (-Map, --cref). A wrap that does not take is no error to the linker.
file(STRINGS ${CMAKE_CURRENT_LIST_DIR}/symbols rows REGEX "^wrap ")
file(READ ${MAP} map)
string(FIND "${map}" "Cross Reference Table" start)
string(SUBSTRING "${map}" ${start} -1 map)
set(faults "")
foreach(row ${rows})
	string(REPLACE " " ";" row "${row}")
	list(POP_FRONT row kind symbol)
	# The symbol at the margin, then a line a file.
	string(REGEX MATCH "\n__wrap_${symbol} [^\n]*(\n [^\n]*)*"
		references "${map}")
	foreach(caller ${row})
		string(REPLACE "." "[.]" pattern "${caller}")
		if(NOT references MATCHES "libssh[.]a[(]${pattern}[.]o")
			string(APPEND faults
				"\n  ${symbol}: called by ${caller}")
		endif()
	endforeach()
endforeach()
if(start EQUAL -1 OR faults)
	message(FATAL_ERROR "By ${MAP} these calls do not go to "
		"gateway/ssh/libssh, though they are to be wrapped:${faults}\n"
		"\"Another version\" in docs/libssh.md says what to do.")
endif()
