#include <iostream>
#include <string>
#include <vector>

#include "sextant/app/command.h"

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  return static_cast<int>(
      sextant::app::RunProgram(arguments, {std::cout, std::cerr}));
}
