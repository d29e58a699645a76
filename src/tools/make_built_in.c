/* SPDX-License-Identifier: ISC */
/*
 * make_built_in.c: of the rules and variables that `make -p` lists without a
 * makefile, those for files that are still met: what they run is made of
 * variables that a line may set (CC, CFLAGS), and .sh makes programs.
 */
#include "tools/make.h"

const char make__built_in[] =
    "OUTPUT_OPTION = -o $@\n"
    "COMPILE.c = $(CC) $(CFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c\n"
    "COMPILE.cc = $(CXX) $(CXXFLAGS) $(CPPFLAGS) $(TARGET_ARCH) -c\n"
    "COMPILE.C = $(COMPILE.cc)\n"
    "COMPILE.cpp = $(COMPILE.cc)\n"
    "COMPILE.S = $(CC) $(ASFLAGS) $(CPPFLAGS) $(TARGET_MACH) -c\n"
    "COMPILE.s = $(AS) $(ASFLAGS) $(TARGET_MACH)\n"
    "LINK.o = $(CC) $(LDFLAGS) $(TARGET_ARCH)\n"
    "LINK.c = $(CC) $(CFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)\n"
    "LINK.cc = $(CXX) $(CXXFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_ARCH)\n"
    "LINK.cpp = $(LINK.cc)\n"
    "LINK.C = $(LINK.cc)\n"
    "LINK.S = $(CC) $(ASFLAGS) $(CPPFLAGS) $(LDFLAGS) $(TARGET_MACH)\n"
    "LINK.s = $(CC) $(ASFLAGS) $(LDFLAGS) $(TARGET_MACH)\n"
    "YACC.y = $(YACC) $(YFLAGS)\n"
    "LEX.l = $(LEX) $(LFLAGS) -t\n"
    "%: %.o\n\t$(LINK.o) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.c\n\t$(LINK.c) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.cc\n\t$(LINK.cc) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.C\n\t$(LINK.C) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.cpp\n\t$(LINK.cpp) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.s\n\t$(LINK.s) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.S\n\t$(LINK.S) $^ $(LOADLIBES) $(LDLIBS) -o $@\n"
    "%: %.sh\n\tcat $< >$@\n\tchmod a+x $@\n"
    "%.o: %.c\n\t$(COMPILE.c) $(OUTPUT_OPTION) $<\n"
    "%.o: %.cc\n\t$(COMPILE.cc) $(OUTPUT_OPTION) $<\n"
    "%.o: %.C\n\t$(COMPILE.C) $(OUTPUT_OPTION) $<\n"
    "%.o: %.cpp\n\t$(COMPILE.cpp) $(OUTPUT_OPTION) $<\n"
    "%.o: %.s\n\t$(COMPILE.s) -o $@ $<\n"
    "%.o: %.S\n\t$(COMPILE.S) -o $@ $<\n"
    "%.c: %.y\n\t$(YACC.y) $<\n\tmv -f y.tab.c $@\n"
    "%.c: %.l\n\t@$(RM) $@\n\t$(LEX.l) $< > $@\n";
