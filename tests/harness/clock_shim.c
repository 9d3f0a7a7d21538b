/* Loaded before kpid's libraries: the wall clock is off by as many ms as stand in the file $KPID_TEST_CLOCK (8 bytes, mapped, so that a test can
 * change it at any time), as the program itself sees it. Its libraries see the true one: they compute deadlines by it that the kernel keeps. */
#include <fcntl.h>
#include <link.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static uintptr_t program_start, program_end;
static const volatile int64_t *offset_ms;

/* The program comes first. */
static int note_program(struct dl_phdr_info *info, size_t size, void *context)
{
	(void)size;
	(void)context;
	program_start = program_end = info->dlpi_addr;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		uintptr_t end = info->dlpi_addr + info->dlpi_phdr[i].p_vaddr + info->dlpi_phdr[i].p_memsz;
		if (info->dlpi_phdr[i].p_type == PT_LOAD && end > program_end)
			program_end = end;
	}
	return 1;
}

__attribute__((constructor)) static void set_up(void)
{
	const char *path = getenv("KPID_TEST_CLOCK");
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = fd < 0 ? MAP_FAILED : mmap(NULL, sizeof *offset_ms, PROT_READ, MAP_SHARED, fd, 0);
	dl_iterate_phdr(note_program, NULL);
	if (map != MAP_FAILED)
		offset_ms = map;
	if (fd >= 0)
		close(fd);
}

int clock_gettime(clockid_t clock, struct timespec *time)
{
	uintptr_t caller = (uintptr_t)__builtin_return_address(0);
	int result = (int)syscall(SYS_clock_gettime, clock, time);
	if (result == 0 && clock == CLOCK_REALTIME && offset_ms && caller >= program_start && caller < program_end)
		time->tv_sec += *offset_ms / 1000;
	return result;
}
