#pragma once

namespace sextant {

// An RSA key that was made for tests and is used nowhere else.
inline constexpr char kTestRsaKey[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvgIBADANBgkqhkiG9w0BAQEFAASCBKgwggSkAgEAAoIBAQCglWI3xRrcuWW+\n"
    "veAtXIvjhjHIb8wkTA2jVLUg9F5oFxT5Dew9greZH13KIKdAIn3Ldx1d23Nb1mNk\n"
    "fFsplXCnlR14g7tNmHz97cHWt4tYAOxViafSX51kk43Mn+n1IBl0McLAD40F/5zs\n"
    "LSvWTVgYDFw9W4dfVNpUeS+ToHiZpYZguONU5GueChVB6C5xt9+rAmVDgeSIRwJ8\n"
    "c2hJ4BcMeit4hcLE7VfKXojsMvWe5Uv1pg3c8nJ67+tDr27oICmQ7/HXbMjGnm8T\n"
    "RJ873ZAVgzhKBbKtZIn+kW+LPcTU76gMOCZ8u2t546uiuc//vf4yI0/n6oxdwz/w\n"
    "qTcJ0Vd9AgMBAAECggEATzBrn4IBVbDNpmrfRq9ZQsnV+fh7zLh+jzmCGu63MZCU\n"
    "ZJ9DjS/Nl2K67yb8I2n+69vhLPw/3p2SJScYE6EgzVuBDYG017aniNd7HAYmXq8R\n"
    "3LrF+j3xkXwcVLjVeG6sbrrtRaZFjpw3h9ZcxFEe7LkHsbBVySLAiiC64Aul/Wo1\n"
    "JLbEKJC+mNNxVy2YQaxY3s2eUK52frrptewCyFrwCjw9mzwXY1S1LwmbKWCBkWRw\n"
    "Klcdn/sZ+PN836KDA8PiFkluuGltRDEzbClSNjajrflcnfJBvFfCvS5fmt7jb9oU\n"
    "2DzunrWNq446xV1daDLRnFLVi1g+r5RQeKK42I3t1wKBgQDZ5cfzILXb9qd2WGlO\n"
    "kB4UR06l7mBPCg4y3pWci6jZz136Ui4qbeYQkAr/rIucnQXnx6vuLWHEhoBDG2JA\n"
    "SKAchHkhnYgjV4XFs5X6DzkHh3EYJndjPjlc1qwKq6VfiAc5orf0pzYOdB8MdvlO\n"
    "G7CQtoVyStzX7PZAfrc2F9yFhwKBgQC8qe4hmf1GP3aYuoobdUgzxffaQxm1fC7V\n"
    "s5CNEmZuK5kiOfwuEf6o7vNBvpXCWgPpT/HYsAvq0xag3XKLiDd9iCIQmUNDWGYE\n"
    "zQYiq0aHp678z+G4/aeNxUvqU8JX/rPCC469MaF7ANV+xcosSlIdEfHi72I/RK0L\n"
    "IROhELM72wKBgQCNJP8ESmgC+B851cNBFLGnSRl0+piAGm9gHDallQHnNSAXCizF\n"
    "ZzLj/6pgO5Cj/kLZBMomGld+SfHDhnV6VpEAZ/9e+wA4hHUuv0mjFUFH00A6+I/V\n"
    "RXU64gPHVbBl1WN4viKS481sR2PlWxvasK0K0HBYvI2ZgPFyjaJ387Tw+QKBgALx\n"
    "K3N+sUJtLu5GymyPMacNCUZwEXCRFTHj8PciOFKzf1nXSaV2RmBgCY8W58L2IGV9\n"
    "B6p3ZFgvHoU3rteaMjNU8iMMIM5mDIE6qUPVI+5toP70RvLZkclWME7hK4CvyiHW\n"
    "iE1O/tOqOaoWb4atSgaGBx2g2gleisxHocS7O/BNAoGBANR+BgiizyXcwApk3aLK\n"
    "6gB8HOKs3H9R/bsTglqhtevH9zOYH8R7IvIc2/ZYCEq1Mpvi8JQwwiNRolCn+qxI\n"
    "Yek1gOZXxGGLDW6TVAedxk41fvjCocgeYMoUJa5MGoB+PorHqm/bbJ8WgPFSD9OI\n"
    "9YlgZDw2YNv+2qwV00Rh5KJW\n"
    "-----END PRIVATE KEY-----\n";

}  // namespace sextant
