/*
 * Takes the place of powershell.exe, which Wine does not have: `powershell.exe OPTIONS -File PATH`. It prints its options, and
 * performs these lines of the script:
 *
 *   #stub env NAME    print the value of an environment variable
 *   #stub exit CODE   end with this exit code
 *   #stub policy      behave as under a group policy that forbids scripts
 *
 * A file without a byte order mark, which Windows PowerShell would take for another code page, ends it with 99.
 */
#include <windows.h>
#include <stdio.h>
#include <string.h>
#include <wchar.h>

static void print_wide(const wchar_t *text) {
  char bytes[4096];
  if (WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes, sizeof bytes, NULL, NULL)) fputs(bytes, stdout);
}

int wmain(int count, wchar_t **arguments) {
  static char text[65536];
  wchar_t *path = NULL;
  printf("options:");
  for (int index = 1; index < count; index++) {
    if (!wcscmp(arguments[index], L"-File") && index + 1 < count) {
      path = arguments[index + 1];
      break;
    }
    printf(" ");
    print_wide(arguments[index]);
  }
  printf("\n");
  FILE *file = path ? _wfopen(path, L"rb") : NULL;
  if (!file) return 98;
  size_t size = fread(text, 1, sizeof text - 1, file);
  fclose(file);
  if (size < 3 || memcmp(text, "\xef\xbb\xbf", 3)) return 99;
  for (char *line = strtok(text + 3, "\r\n"); line; line = strtok(NULL, "\r\n")) {
    wchar_t name[256], value[2048];
    unsigned code;
    if (sscanf(line, "#stub exit %u", &code) == 1) {
      fflush(stdout);
      ExitProcess(code);
    }
    if (!strncmp(line, "#stub env ", 10)) {
      MultiByteToWideChar(CP_UTF8, 0, line + 10, -1, name, 256);
      DWORD length = GetEnvironmentVariableW(name, value, 2048);
      printf("[");
      if (length) print_wide(value);
      printf("]\n");
    }
    if (!strcmp(line, "#stub policy")) {
      fprintf(stderr, "File cannot be loaded because running scripts is disabled on this system.\n");
      return 1;
    }
  }
  return 0;
}
